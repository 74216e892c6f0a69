// The subscriptions that feed the blob triggers, the same ones the local storage plays (devhost/stack/options.py).
// Deployed by infra/hooks/subscribe.py after the code: Event Grid calls each address to validate it, and the blob
// extension makes its key only when the host has run. The key stays inside of the deployment.
targetScope = 'resourceGroup'

@description('The function app.')
param functionName string

@description('The storage account.')
param storageName string

@description('The system topic of that account.')
param topicName string

@description('Container for events that nobody took within a day.')
param deadLetterContainer string = 'dead-letters'

var subscriptions = [
  {
    name: 'identify-face'
    function: 'identify_face'
    begins: '/blobServices/default/containers/recordings/'
    ends: '.jpg'
  }
  {
    name: 'verify-voice'
    function: 'verify_voice'
    begins: '/blobServices/default/containers/recordings/'
    ends: '.wav'
  }
  {
    name: 'index-recording'
    function: 'index_recording'
    begins: '/blobServices/default/containers/recordings/'
    ends: ''
  }
]

resource app 'Microsoft.Web/sites@2024-04-01' existing = {
  name: functionName
}

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageName
}

resource topic 'Microsoft.EventGrid/systemTopics@2022-06-15' existing = {
  name: topicName
}

resource subscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2022-06-15' = [for item in subscriptions: {
  parent: topic
  name: item.name
  properties: {
    destination: {
      endpointType: 'WebHook'
      properties: {
        endpointUrl: 'https://${app.properties.defaultHostName}/runtime/webhooks/blobs?functionName=Host.Functions.${item.function}&code=${listKeys('${app.id}/host/default', '2024-04-01').systemKeys.blobs_extension}'
        maxEventsPerBatch: 1
        preferredBatchSizeInKilobytes: 64
      }
    }
    deadLetterWithResourceIdentity: {
      identity: {
        type: 'SystemAssigned'
      }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: {
          resourceId: account.id
          blobContainerName: deadLetterContainer
        }
      }
    }
    eventDeliverySchema: 'EventGridSchema'
    filter: {
      includedEventTypes: ['Microsoft.Storage.BlobCreated']
      subjectBeginsWith: item.begins
      subjectEndsWith: item.ends
      isSubjectCaseSensitive: true
    }
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 1440
    }
  }
}]
