// The saved workbook: time to grant, attempts, denials, providers, latency. workbook.json is made from infra/queries.
@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Application Insights.')
param insightsId string

resource workbook 'Microsoft.Insights/workbooks@2022-04-01' = {
  name: guid(insightsId, 'face-atm')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Face ATM'
    category: 'workbook'
    sourceId: insightsId
    serializedData: loadTextContent('../workbook.json')
  }
}
