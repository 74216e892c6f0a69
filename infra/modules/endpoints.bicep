// Private endpoints and the DNS zones that make their names resolve inside the network.
@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('The virtual network.')
param networkId string

@description('Its subnet of endpoints.')
param subnetId string

@description('Storage account.')
param storageId string

@description('Cosmos DB account.')
param cosmosId string

@description('Key Vault.')
param vaultId string

@description('Face account; empty when there is none.')
param faceId string

var suffix = environment().suffixes.storage
var always = [
  {
    name: 'blob'
    zone: 'privatelink.blob.${suffix}'
    resource: storageId
    group: 'blob'
  }
  {
    name: 'queue'
    zone: 'privatelink.queue.${suffix}'
    resource: storageId
    group: 'queue'
  }
  {
    name: 'table'
    zone: 'privatelink.table.${suffix}'
    resource: storageId
    group: 'table'
  }
  {
    name: 'documents'
    zone: 'privatelink.documents.azure.com'
    resource: cosmosId
    group: 'Sql'
  }
  {
    name: 'secrets'
    zone: 'privatelink.vaultcore.azure.net'
    resource: vaultId
    group: 'vault'
  }
]
var optional = empty(faceId) ? [] : [
  {
    name: 'face'
    zone: 'privatelink.cognitiveservices.azure.com'
    resource: faceId
    group: 'account'
  }
]
var links = concat(always, optional)

resource zone 'Microsoft.Network/privateDnsZones@2020-06-01' = [for link in links: {
  name: link.zone
  location: 'global'
  tags: tags
}]

resource zoneLink 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2020-06-01' = [for (link, index) in links: {
  parent: zone[index]
  name: 'atm'
  location: 'global'
  properties: {
    registrationEnabled: false
    virtualNetwork: {
      id: networkId
    }
  }
}]

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = [for link in links: {
  name: 'pe-atm-${link.name}'
  location: location
  tags: tags
  properties: {
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: link.name
        properties: {
          privateLinkServiceId: link.resource
          groupIds: [link.group]
        }
      }
    ]
  }
}]

resource record 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [for (link, index) in links: {
  parent: endpoint[index]
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: link.name
        properties: {
          privateDnsZoneId: zone[index].id
        }
      }
    ]
  }
}]
