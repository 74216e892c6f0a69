// Optional: Azure AI Face, for FACE_PROVIDER=azure. Identification is Limited Access; without Microsoft's approval the
// account answers 403 UnsupportedFeature, and the app says so in one sentence.
@description('Name of the account and its subdomain.')
param name string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Refuse the public internet.')
param privateNetwork bool

@description('The app.')
param identityPrincipalId string

var cognitiveServicesUser = 'a97b65f3-24c7-4388-baec-2e87135dc908'

resource account 'Microsoft.CognitiveServices/accounts@2024-10-01' = {
  name: name
  location: location
  tags: tags
  kind: 'Face'
  sku: {
    name: 'S0'
  }
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    customSubDomainName: name
    disableLocalAuth: true
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: privateNetwork ? 'Deny' : 'Allow'
    }
  }
}

resource mayUse 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, identityPrincipalId, cognitiveServicesUser)
  scope: account
  properties: {
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', cognitiveServicesUser)
  }
}

output id string = account.id
output endpoint string = account.properties.endpoint
